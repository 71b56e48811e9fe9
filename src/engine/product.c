#include "engine/product.h"
