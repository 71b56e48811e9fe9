#include "lab/worker.h"
