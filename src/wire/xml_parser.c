/* SPDX-License-Identifier: ISC
 * xml_parser: see xml_parser.h. */
#include "wire/xml_parser.h"

/* The only state that wire/ keeps: which library it is, is a property of the process. */
static xml_library_fn *library_fn;
static void *library_context;

void xml_parser_use(xml_library_fn *fn, void *context)
{
	library_fn = fn;
	library_context = context;
}

static const struct xml_library *library(void)
{
	return library_fn ? library_fn(library_context) : NULL;
}

/* What the library reports before there is a parser, when memory is short: its own handler prints
 * to standard error, from memory that it has freed (2.9.14). */
static void library_complains(void *context, xml_parser_error error)
{
	(void)context, (void)error;
}

xmlParserCtxtPtr xml_parser_new(xmlSAXHandler *handler, void *context)
{
	const struct xml_library *xml = library();

	if (!xml)
		return NULL;
	xml->xmlSetStructuredErrorFunc(NULL, library_complains);
	xmlParserCtxtPtr parser = xml->xmlCreatePushParserCtxt(handler, context, NULL, 0, NULL);
	if (parser)
		xml->xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_RECOVER);
	return parser;
}

void xml_parser_feed(xmlParserCtxtPtr parser, struct slice text)
{
	library()->xmlParseChunk(parser, text.bytes, (int)text.len, 0);
}

void xml_parser_finish(xmlParserCtxtPtr parser)
{
	library()->xmlParseChunk(parser, "", 0, 1);
}

void xml_parser_free(xmlParserCtxtPtr parser)
{
	if (parser)
		library()->xmlFreeParserCtxt(parser);
}
