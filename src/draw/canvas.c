#include "draw/canvas.h"
