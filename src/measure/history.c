#include "measure/history.h"
