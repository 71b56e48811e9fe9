#include "engine/activation.h"
