#ifndef ENGINE_KERNELS_H
#define ENGINE_KERNELS_H
#endif
