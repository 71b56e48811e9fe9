#include "engine/optimiser.h"
