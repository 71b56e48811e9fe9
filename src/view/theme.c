#include "view/theme.h"
