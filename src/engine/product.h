#ifndef ENGINE_PRODUCT_H
#define ENGINE_PRODUCT_H
#endif
