#include "measure/capture.h"
