/*
 * mailbox.h - hand the newest value from one thread to another.
 *
 * The owner keeps three slots; the mailbox only says who holds which. The writer fills the back
 * slot and publishes it; the reader looks at the front slot. Neither ever waits, and a value
 * nobody read is simply replaced.
 */
#ifndef BASE_MAILBOX_H
#define BASE_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>

enum { MAILBOX_SLOTS = 3 };
#define MAILBOX_FRESH 4u

struct mailbox {
    atomic_uint spare; // slot index, or-ed with MAILBOX_FRESH while unread
    unsigned back;     // writer thread only
    unsigned front;    // reader thread only
};

/* Slot 0 is the reader's, slot 1 the writer's. */
static inline void mailbox_init(struct mailbox *box) {
    atomic_init(&box->spare, 2u);
    box->back = 1;
    box->front = 0;
}

/* Writer. Returns true if the reader had caught up and so may need a nudge. */
static inline bool mailbox_publish(struct mailbox *box) {
    unsigned old =
        atomic_exchange_explicit(&box->spare, box->back | MAILBOX_FRESH, memory_order_acq_rel);
    box->back = old & ~MAILBOX_FRESH;
    return !(old & MAILBOX_FRESH);
}

/* Either thread: does a published value wait to be read? */
static inline bool mailbox_waiting(struct mailbox *box) {
    return (atomic_load_explicit(&box->spare, memory_order_acquire) & MAILBOX_FRESH) != 0;
}

/* Reader. Index of the newest slot, which stays put until the next call. */
static inline unsigned mailbox_latest(struct mailbox *box) {
    if (mailbox_waiting(box)) { // only the reader clears it
        unsigned old = atomic_exchange_explicit(&box->spare, box->front, memory_order_acq_rel);
        box->front = old & ~MAILBOX_FRESH;
    }
    return box->front;
}

#endif
