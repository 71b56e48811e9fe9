#include "measure/snapshot.h"
