#include "export/json_file.h"
