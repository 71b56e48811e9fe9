#include "base/paths.h"
