/* SPDX-License-Identifier: EUPL-1.2
 *
 * What each row is about: a thing, that is a host or an address, with a label.
 */
#include "tables.h"

enum { OF_NAME = 1u << 31 };

static void left(const uint8_t *block, uint64_t size, rows *in, uint64_t row) {
    text line;
    next_line(block + in->start[row], block + size, &line);
    in->odd_start[in->odd] = in->start[row];
    in->odd_end[in->odd] = in->start[row] + line.size;
    in->odd_line[in->odd++] = in->line[row];
}

/* Place + 1 of the thing; 0 where there is none. FAILED without memory. */
static int64_t thing_of(const tables *by, uint32_t name, uint32_t address, uint32_t label, intern *things) {
    uint32_t key[3] = {0}, none = 0, *known = &none;
    if (by->name[name] & HOSTED) key[0] = name, known = &by->name_thing[name];
    else if (by->address[address] & ADDRESSED) key[1] = address, known = &by->address_thing[address];
    else if (by->name[name] & ADDRESSED) key[1] = name | OF_NAME, known = &by->name_thing[name];
    if (by->application[label]) key[2] = label, known = &none;
    if (*known) return *known;
    if (!(key[0] | key[1] | key[2])) return 0;
    int64_t place = intern_place(things, key, sizeof key);
    if (place < 0) return FAILED;
    return *known = (uint32_t)place + 1;
}

/* What each row is about, and whether it is an event at all; rows that turn out to be odd are booked as such. */
PYTHON int tell(const uint8_t *block, uint64_t size, const tables *by, rows *in, intern *things, uint32_t *thing, uint8_t *state) {
    for (uint64_t row = 0; row < in->rows; row++) {
        uint32_t mark = in->code[MARK][row], name = in->code[NAME][row];
        thing[row] = 0;
        state[row] = IDLE;
        if (by->mark_odd[mark] || by->name[name] & STRANGE_NAME || (by->view[mark] >= 0 && by->day_odd[in->code[TIME][row]])) {
            left(block, size, in, row);
            state[row] = ODD;
            continue;
        }
        if (by->view[mark] < 0) continue;
        int64_t what = thing_of(by, name, in->code[ADDRESS][row], in->code[APPLICATION][row], things);
        if (what < 0) return FAILED;
        if (!what) continue;
        thing[row] = (uint32_t)what;
        state[row] = EVENT;
    }
    return 0;
}
