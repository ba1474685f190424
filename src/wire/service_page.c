/* SPDX-License-Identifier: ISC
 * service_page: see service_page.h. */
#include "wire/service_page.h"
#include "base/array.h"

static const char *const SUFFIXES[] = {
    [SERVICE_PAGE_DESCRIPTION] = ".xml",
    [SERVICE_PAGE_CONTROL] = "/control",
    [SERVICE_PAGE_EVENTS] = "/events",
};

const char SERVICE_PAGE_SCPD[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
    "<scpd xmlns=\"urn:schemas-upnp-org:service-1-0\">\n"
    "<specVersion>\n<major>2</major>\n<minor>0</minor>\n</specVersion>\n"
    "<actionList>\n</actionList>\n"
    "<serviceStateTable>\n"
    "<stateVariable sendEvents=\"no\">\n"
    "<name>NotDescribed</name>\n<dataType>boolean</dataType>\n"
    "</stateVariable>\n"
    "</serviceStateTable>\n"
    "</scpd>\n";

const char SERVICE_PAGE_FAULT[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\""
    " s:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\">\n"
    "<s:Body>\n<s:Fault>\n<faultcode>s:Client</faultcode>\n<faultstring>UPnPError</faultstring>\n"
    "<detail>\n<UPnPError xmlns=\"urn:schemas-upnp-org:control-1-0\">\n"
    "<errorCode>401</errorCode>\n<errorDescription>Invalid Action</errorDescription>\n"
    "</UPnPError>\n</detail>\n</s:Fault>\n</s:Body>\n</s:Envelope>\n";

/* "/description" of "/description.xml". */
static struct slice base_of(struct slice document)
{
	struct slice ending = SLICE(".xml");

	if (slice_ends_with(document, ending))
		document.len -= ending.len;
	return document;
}

void service_page_path(
    struct slice document, size_t index, enum service_page page, struct writer *w)
{
	writer_slice(w, base_of(document));
	writer_text(w, "/service/");
	writer_u64(w, index);
	writer_text(w, SUFFIXES[page]);
}

bool service_page_find(
    struct slice path, struct slice document, size_t count, enum service_page *page)
{
	struct slice base = base_of(document), infix = SLICE("/service/"), rest;
	uint64_t index;

	if (!slice_starts_with(path, base) || !slice_starts_with(slice_skip(path, base.len), infix))
		return false;
	rest = slice_skip(path, base.len + infix.len);
	for (size_t i = 0; i < COUNT_OF(SUFFIXES); i++) {
		struct slice suffix = slice_of(SUFFIXES[i]);
		if (!slice_ends_with(rest, suffix))
			continue;
		struct slice number = slice_head(rest, rest.len - suffix.len);
		bool canonical = number.len == 1 || (number.len && number.bytes[0] != '0');
		*page = (enum service_page)i;
		return canonical && slice_to_u64(number, UINT32_MAX, &index) == 0 && index < count;
	}
	return false;
}
