#include "measure/curve.h"
