#include "export/npz_file.h"
