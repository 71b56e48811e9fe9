#include "engine/initialiser.h"
