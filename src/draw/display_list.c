#include "draw/display_list.h"
