#ifndef APP_APP_H
#define APP_APP_H
#endif
