#include "export/png_file.h"
