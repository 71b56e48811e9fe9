#include "lab/experiment.h"
