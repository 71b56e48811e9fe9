#include "engine/loss.h"
