/* SPDX-License-Identifier: ISC
 * ssdp_schedule: what has been announced of each offer by each sender address. */
#include "engine/ssdp_internal.h"
#include "model/offers.h"

struct ssdp_schedule *ssdp_schedule_find(const struct ssdp_sender *sender, uint64_t offer)
{
	for (size_t i = 0; i < sender->schedule_count; i++)
		if (sender->schedules[i].offer == offer)
			return &sender->schedules[i];
	return NULL;
}

bool ssdp_schedule_has_pending_update(const struct ssdp *ssdp)
{
	for (size_t i = 0; i < ssdp->sender_count; i++)
		for (size_t k = 0; k < ssdp->senders[i].schedule_count; k++)
			if (ssdp->senders[i].schedules[k].update_pending)
				return true;
	return false;
}

/* The first sender of this link or of one behind it. */
static struct ssdp_sender *first_sender(const struct ssdp *ssdp, uint32_t link)
{
	size_t low = 0, high = ssdp->sender_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (ssdp->senders[middle].link < link)
			low = middle + 1;
		else
			high = middle;
	}
	return ssdp->senders + low;
}

static bool is_of(const struct ssdp *ssdp, const struct ssdp_sender *sender, uint32_t link)
{
	return sender < ssdp->senders + ssdp->sender_count && sender->link == link;
}

struct instant ssdp_schedule_byebye_is_out(const struct ssdp *ssdp, uint32_t link)
{
	const struct ssdp_sender *sender = first_sender(ssdp, link);
	struct instant latest = {INT64_MIN};
	unsigned count = 0;

	for (; is_of(ssdp, sender, link); sender++) {
		for (size_t k = 0; k < sender->schedule_count; k++) {
			const struct ssdp_schedule *schedule = &sender->schedules[k];
			if (schedule->round > 0 || schedule->updating ||
			    instant_is_never(schedule->due))
				continue;
			const struct offer *offer =
			    offers_find(ssdp->context->offers, schedule->offer);
			unsigned left = offer ? ssdp_target_count(offer, schedule->cursor) : 0;
			if (left == 0)
				continue;
			count += left;
			latest =
			    instant_later(latest, instant_later(schedule->due, sender->next_burst));
		}
	}
	return count ? instant_add(latest, (count / SSDP_BURST + 1) * SSDP_BURST_PAUSE) : latest;
}

uint32_t ssdp_schedule_mark_known(struct ssdp *ssdp, uint32_t link, const struct offer *offer)
{
	struct ssdp_sender *sender = first_sender(ssdp, link);
	uint32_t boot_id = offer->epoch;

	for (; is_of(ssdp, sender, link); sender++) {
		struct ssdp_schedule *schedule = ssdp_schedule_find(sender, offer->number);
		if (!schedule)
			continue;
		schedule->announced = true;
		if (schedule->updating)
			boot_id = schedule->boot_id;
	}
	return boot_id;
}
