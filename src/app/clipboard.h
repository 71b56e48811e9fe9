/* clipboard.h - text comes from the system's clipboard, and the network goes there as code. */
#ifndef APP_CLIPBOARD_H
#define APP_CLIPBOARD_H

#include "app/session.h"

/* Do what was asked for: type what was copied, and copy A as lines for PyTorch. Toasts tell. */
void clipboard_serve(struct session *session);

#endif
