#include "engine/network.h"
