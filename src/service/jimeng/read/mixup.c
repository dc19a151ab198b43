#include "service/jimeng/read/mixup.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/taskid.h"

/* Somebody that a record may be of: who asked, or, of a record nobody asked for, its key.
 */
struct party {
	const struct slot *slot; /* NULL: the service does not know it */
	struct answer_asker names; /* each may be NULL */
	uint64_t name_bits, id_bits; /* of the names, of the ids in the record */
	bool is_denied; /* the record has ids of this kind, and all are another's */
};

/* One of 64, the same for the same id: sets without a bit in common have none in common.
 */
static uint64_t bit_of(const char *id)
{
	uint64_t hash = 0;

	if (!id)
		return 0;
	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * UINT64_C(0x9e3779b97f4a7c15);
	return UINT64_C(1) << (hash >> 58);
}

static uint64_t bits_of_record(const struct slot *slot)
{
	uint64_t bits = 0;

	for (size_t i = 0; slot && i < RECORD_IDS; i++)
		bits |= bit_of(slot->own_ids[i]);
	return bits;
}

static bool is_submit_path(size_t path)
{
	return strstr(record_id_paths[path], "submit_id") != NULL;
}

static bool is_named(const struct answer_asker *names, const char *id)
{
	return (names->asked && !strcmp(names->asked, id)) ||
	    (names->id && !strcmp(names->id, id)) ||
	    (names->other_id && !strcmp(names->other_id, id));
}

/* Does the record carry an id of theirs? */
static bool carries(const struct slot *slot, const struct answer_asker *names)
{
	for (size_t i = 0; slot && i < RECORD_IDS; i++)
		if (slot->own_ids[i] && is_named(names, slot->own_ids[i]))
			return true;
	return false;
}

/* The first id in it that is of this kind; NULL: none is. */
static const char *id_of_kind(const struct slot *slot, bool is_submit)
{
	for (size_t i = 0; i < RECORD_IDS; i++)
		if (slot->own_ids[i] && is_submit_path(i) == is_submit)
			return slot->own_ids[i];
	return NULL;
}

static struct party party_make(const struct slot *slot, const struct answer_asker *names)
{
	const bool is_submit = names->asked && !taskid_is_history(names->asked);

	return (struct party){
		.slot = slot,
		.names = *names,
		.name_bits =
		    bit_of(names->asked) | bit_of(names->id) | bit_of(names->other_id),
		.id_bits = bits_of_record(slot),
		.is_denied = slot && names->asked && !carries(slot, names) &&
		    id_of_kind(slot, is_submit),
	};
}

/* Both have ids of this kind, and none in common. */
static bool differ_in(const struct slot *a, const struct slot *b, bool is_submit)
{
	if (!id_of_kind(a, is_submit) || !id_of_kind(b, is_submit))
		return false;
	for (size_t i = 0; i < RECORD_IDS; i++)
		if (a->own_ids[i] && is_submit_path(i) == is_submit &&
		    slot_owns_id(b, a->own_ids[i]))
			return false;
	return true;
}

static bool share_an_id(const struct slot *a, const struct slot *b)
{
	for (size_t i = 0; i < RECORD_IDS; i++)
		if (a->own_ids[i] && slot_owns_id(b, a->own_ids[i]))
			return true;
	return false;
}

/* Each is compared with all others: most have nothing in common, and that is seen at
 * once. */
static bool belong_together(const struct party *a, const struct party *b)
{
	if (a->slot != b->slot && !(a->id_bits & (b->id_bits | b->name_bits)) &&
	    !(b->id_bits & a->name_bits))
		return false;
	return a->slot == b->slot || carries(a->slot, &b->names) ||
	    carries(b->slot, &a->names) ||
	    (a->slot && b->slot && share_an_id(a->slot, b->slot));
}

static bool contradict(const struct party *a, const struct party *b)
{
	if (!a->slot || !belong_together(a, b))
		return false;
	if (a->is_denied || b->is_denied)
		return true;
	return b->slot && a->slot != b->slot &&
	    (differ_in(a->slot, b->slot, true) || differ_in(a->slot, b->slot, false));
}

static const char *name_of(const struct party *party)
{
	return party->names.id ? party->names.id : party->names.asked;
}

static struct service_doubt doubt_about(
    const struct party *party, const struct party *all, size_t n)
{
	struct service_doubt doubt = { SERVICE_UNDOUBTED, NULL };
	const bool is_submit =
	    party->names.asked && !taskid_is_history(party->names.asked);

	for (size_t i = 0; i < n; i++)
		if (&all[i] != party && contradict(party, &all[i]))
			return (struct service_doubt){ SERVICE_CONTRADICTED,
				name_of(&all[i]) };
	if (party->is_denied)
		doubt = (struct service_doubt){ SERVICE_OF_A_STRANGER,
			id_of_kind(party->slot, is_submit) };
	return doubt;
}

/* Records that nobody asked for, behind the `n` that somebody did; how many in all. */
static size_t add_unasked(const struct slots *slots, struct party *parties, size_t n)
{
	size_t all = n;

	for (size_t i = 0; i < slots->n; i++) {
		const struct slot *slot = &slots->at[i];
		bool is_asked = !slot->key;

		for (size_t k = 0; k < n && !is_asked; k++)
			is_asked = parties[k].slot == slot;
		if (!is_asked)
			parties[all++] = party_make(
			    slot, &(struct answer_asker){ .asked = slot->key });
	}
	return all;
}

enum err_kind mixup_find(struct slots *slots, const struct answer_asker *askers, size_t n,
    struct service_doubt *ret_doubts, struct err *err)
{
	_cleanup_free_ struct party *parties = calloc(n + slots->n + 1, sizeof(*parties));
	size_t all;

	if (!parties)
		return err_set(err, ERR_NOMEM, "no memory for an answer");
	if (slots_index(slots, err))
		return err->kind;
	for (size_t i = 0; i < n; i++) {
		const struct slot *slot;

		if (slots_find(slots, askers[i].asked, &slot, err))
			return err->kind;
		parties[i] = party_make(slot, &askers[i]);
	}
	all = add_unasked(slots, parties, n);
	for (size_t i = 0; i < n; i++)
		ret_doubts[i] = doubt_about(&parties[i], parties, all);
	return ERR_OK;
}
