/* SPDX-License-Identifier: EUPL-1.2
 *
 * Learns what stands between the values of JSON lines, until there are too many ways for it to help.
 */
#include "habits.h"

void noted(habits *h, text between, uint8_t value, int quoted, const uint32_t met[2]) {
    if (h->notes < NOTES_MAX)
        h->note[h->notes] = (note){between, {met[0], met[1]}, value, (uint8_t)quoted, 0};
    h->notes += h->notes <= NOTES_MAX; /* one too many says that the line is too long */
}

static int is(const step *s, const note *n) {
    return s->size == n->text.size && s->value == n->value && s->quoted == n->quoted && s->last == n->last &&
           s->met[0] == n->met[0] && s->met[1] == n->met[1] && !memcmp(s->text, n->text.at, s->size);
}

/* The step of a note behind another one, made where it is missing; NULL where there is no room. */
static step *followed(habits *h, step *from, const note *n) {
    uint16_t *link = &from->child;
    int others = 0;
    for (; *link; link = &h->step[*link].other, others++)
        if (is(&h->step[*link], n)) return &h->step[*link];
    if (h->steps == STEPS_MAX || others == OTHERS_MAX || n->text.size > STEP_BYTES) return NULL;
    step *s = &h->step[h->steps];
    *s = (step){.size = (uint8_t)n->text.size, .value = n->value, .quoted = n->quoted, .last = n->last};
    memcpy(s->met, n->met, sizeof s->met);
    memcpy(s->text, n->text.at, n->text.size);
    *link = h->steps++;
    return s;
}

void learned(habits *h, text between) {
    const uint32_t none[2] = {0};
    noted(h, between, NOTHING, 0, none);
    if (h->notes > NOTES_MAX) return;
    h->note[h->notes - 1].last = 1;
    step *s = h->step;
    for (int i = 0; i < h->notes && s; i++) s = followed(h, s, &h->note[i]);
}

int useful(habits *h) {
    if (h->tried == TRIAL && h->met * 2 < h->tried) return 0;
    if (h->tried < TRIAL) h->tried++;
    h->notes = 0;
    return 1;
}
