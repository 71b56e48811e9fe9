#include "measure/diagnosis.h"
