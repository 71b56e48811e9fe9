#include "draw/text.h"
