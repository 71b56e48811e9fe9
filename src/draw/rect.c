#include "draw/rect.h"
