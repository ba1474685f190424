/* SPDX-License-Identifier: ISC
 * record_life: see record_life.h. */
#include "engine/record_life.h"

/* RFC 6762, 10: a record that is not refreshed by then is not there any more. The table keeps
 * nothing for more than a day either. */
enum { TTL_MAX = 86400, REFRESHES = 4 };
#define CHECK_TIME  SECONDS(10)
#define CHECK_PAUSE SECONDS(2)

void record_life_begin(struct record_life *life, uint32_t ttl, uint8_t jitter, struct instant now)
{
	ttl = ttl < TTL_MAX ? ttl : TTL_MAX;
	*life = (struct record_life){
	    .expires = instant_add(now, SECONDS(ttl)), .ttl = ttl, .jitter = jitter};
}

void record_life_end(struct record_life *life, struct instant now)
{
	if (life->ttl == 0 || life->leaving)
		return;
	life->leaving = true;
	life->expires = instant_add(now, SECONDS(1));
}

void record_life_check(struct record_life *life, struct instant now)
{
	if (life->ttl == 0 || life->leaving || life->checking)
		return;
	life->checking = true;
	life->asked = 0;
	life->expires = instant_add(now, CHECK_TIME);
}

/* RFC 6762, 5.2: at 80, 85, 90 and 95 % of its lifetime, plus up to 2 %. */
static struct instant refresh_due(const struct record_life *life)
{
	int64_t ttl = SECONDS(life->ttl);

	if (life->checking)
		return instant_add(life->expires, life->asked * CHECK_PAUSE - CHECK_TIME);
	return instant_add(life->expires,
	    -ttl * (20 - 5 * life->asked) / 100 + ttl * life->jitter / 256 * 2 / 100);
}

struct instant record_life_due(const struct record_life *life, enum record_care care)
{
	if (life->ttl == 0)
		return INSTANT_NEVER;
	if (life->leaving || (care == RECORD_ENDS && !life->checking))
		return life->expires;
	if (care == RECORD_LAPSES && !life->checking)
		return INSTANT_NEVER;
	return life->asked < REFRESHES ? refresh_due(life) : life->expires;
}

bool record_life_is_over(const struct record_life *life, enum record_care care, struct instant now)
{
	if (life->ttl == 0 || !instant_due(life->expires, now))
		return false;
	return life->leaving || life->checking || care == RECORD_ENDS ||
	       (care == RECORD_KEPT && life->asked == REFRESHES);
}

/* What has run out while it was not kept is checked. */
bool record_life_ask(struct record_life *life, enum record_care care, struct instant now)
{
	if (life->asked < REFRESHES && care == RECORD_KEPT && !life->checking && !life->leaving &&
	    life->ttl && instant_due(life->expires, now))
		record_life_check(life, now);
	if (life->leaving || life->asked >= REFRESHES || (care == RECORD_ENDS && !life->checking) ||
	    !instant_due(record_life_due(life, care), now))
		return false;
	while (life->asked < REFRESHES && instant_due(refresh_due(life), now))
		life->asked++;
	return true;
}
