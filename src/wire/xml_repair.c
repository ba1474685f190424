/* SPDX-License-Identifier: ISC
 * xml_repair: a state machine over the characters of a broken XML document. */
#include "wire/xml_repair.h"
#include "base/array.h"
#include "base/ascii.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { CHARACTER_REPLACEMENT = 0xfffd, LATIN1_FIRST = 0xa0 };

/* HTML's names of U+00A0 to U+00FF, in order. */
static const char *const LATIN1[] = {"nbsp", "iexcl", "cent", "pound", "curren", "yen", "brvbar",
    "sect", "uml", "copy", "ordf", "laquo", "not", "shy", "reg", "macr", "deg", "plusmn", "sup2",
    "sup3", "acute", "micro", "para", "middot", "cedil", "sup1", "ordm", "raquo", "frac14",
    "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc", "Atilde", "Auml", "Aring", "AElig",
    "Ccedil", "Egrave", "Eacute", "Ecirc", "Euml", "Igrave", "Iacute", "Icirc", "Iuml", "ETH",
    "Ntilde", "Ograve", "Oacute", "Ocirc", "Otilde", "Ouml", "times", "Oslash", "Ugrave", "Uacute",
    "Ucirc", "Uuml", "Yacute", "THORN", "szlig", "agrave", "aacute", "acirc", "atilde", "auml",
    "aring", "aelig", "ccedil", "egrave", "eacute", "ecirc", "euml", "igrave", "iacute", "icirc",
    "iuml", "eth", "ntilde", "ograve", "oacute", "ocirc", "otilde", "ouml", "divide", "oslash",
    "ugrave", "uacute", "ucirc", "uuml", "yacute", "thorn", "yuml"};
_Static_assert(COUNT_OF(LATIN1) == 0x100 - LATIN1_FIRST, "one for each character");

/* XML's own names, and HTML's that stand in names of things. */
static const struct {
	const char *name;
	uint32_t code_point;
} NAMES[] = {
    {"amp", '&'},
    {"lt", '<'},
    {"gt", '>'},
    {"quot", '"'},
    {"apos", '\''},
    {"ndash", 0x2013},
    {"mdash", 0x2014},
    {"lsquo", 0x2018},
    {"rsquo", 0x2019},
    {"sbquo", 0x201a},
    {"ldquo", 0x201c},
    {"rdquo", 0x201d},
    {"bdquo", 0x201e},
    {"bull", 0x2022},
    {"hellip", 0x2026},
    {"euro", 0x20ac},
    {"trade", 0x2122},
};

static void flush(struct xml_repair *repair)
{
	if (repair->out_len > 0)
		repair->fn(repair->context, (struct slice){repair->out, repair->out_len});
	repair->out_len = 0;
}

static void put(struct xml_repair *repair, char c)
{
	if (repair->out_len == sizeof(repair->out))
		flush(repair);
	repair->out[repair->out_len++] = c;
}

static void put_slice(struct xml_repair *repair, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		put(repair, s.bytes[i]);
}

/* libxml2 drops what has a name once it has recovered from an error, but not what has a number. */
static void put_number(struct xml_repair *repair, uint32_t code_point)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "&#%u;", (unsigned)code_point);

	put_slice(repair, (struct slice){text, (size_t)len});
}

/* libxml2 drops the text before a "]]>", too. */
static void put_text(struct xml_repair *repair, char c)
{
	if (c == '<' || c == '&' || c == '>')
		put_number(repair, (unsigned char)c);
	else
		put(repair, c);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool begins_name(char c)
{
	return ascii_is_letter(c) || c == '_' || c == ':';
}

static bool continues_name(char c)
{
	return begins_name(c) || ascii_is_digit(c) || c == '-' || c == '.';
}

/* Each function below takes the next character in its state. False: the state is another one now,
 * and the character is for that. */

static bool in_text(struct xml_repair *repair, char c)
{
	if (c != '<' && c != '&') {
		put_text(repair, c);
		return true;
	}
	repair->ahead[0] = c;
	repair->ahead_len = 1;
	repair->state = c == '<' ? XML_AFTER_LESS_THAN : XML_IN_REFERENCE;
	return true;
}

/* What stands ahead is text after all. */
static bool turn_out_as_text(struct xml_repair *repair)
{
	for (size_t i = 0; i < repair->ahead_len; i++)
		put_text(repair, repair->ahead[i]);
	repair->state = XML_IN_TEXT;
	return false;
}

static bool begin_tag(struct xml_repair *repair)
{
	put_slice(repair, (struct slice){repair->ahead, repair->ahead_len});
	repair->closing = repair->ahead_len > 1;
	repair->empty = false;
	repair->attributes = 0;
	repair->state = XML_IN_NAME;
	return false;
}

/* Behind "<!". */
static bool in_declaration(struct xml_repair *repair, char c)
{
	static const struct {
		struct slice text;
		enum xml_repair_state state;
	} MARKUP[] = {
	    {{"<!--", 4}, XML_IN_COMMENT},
	    {{"<![CDATA[", 9}, XML_IN_CDATA},
	    {{"<!DOCTYPE", 9}, XML_REFUSED},
	    {{"<!ENTITY", 8}, XML_REFUSED},
	};
	struct slice ahead = {repair->ahead, repair->ahead_len + 1};

	repair->ahead[repair->ahead_len] = c;
	for (size_t i = 0; i < COUNT_OF(MARKUP); i++) {
		if (!slice_starts_with_nocase(MARKUP[i].text, ahead))
			continue;
		repair->ahead_len++;
		if (repair->ahead_len == MARKUP[i].text.len) {
			repair->state = MARKUP[i].state;
			repair->matched = 0;
		}
		return true;
	}
	return turn_out_as_text(repair);
}

static bool after_less_than(struct xml_repair *repair, char c)
{
	char last = repair->ahead[repair->ahead_len - 1];

	if (repair->ahead_len > 1 && repair->ahead[1] == '!')
		return in_declaration(repair, c);
	if (last == '?') {
		if (!begins_name(c))
			return turn_out_as_text(repair);
		repair->state = XML_IN_INSTRUCTION;
		return true;
	}
	if (begins_name(c))
		return begin_tag(repair);
	if (last == '/' && is_space(c))
		return true;
	if (last == '/' || (c != '/' && c != '!' && c != '?'))
		return turn_out_as_text(repair);
	repair->ahead[repair->ahead_len++] = c;
	return true;
}

/* "38" or "x26" */
static uint32_t meaning_of_number(struct slice number)
{
	bool hex = slice_starts_with_nocase(number, SLICE("x"));
	struct slice digits = slice_skip(number, hex);
	uint32_t value = 0;

	for (size_t i = 0; i < digits.len; i++) {
		char c = digits.bytes[i];
		if (hex ? !ascii_is_hex(c) : !ascii_is_digit(c))
			return 0;
		uint32_t digit = (uint32_t)(ascii_is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
		if (value <= 0x10ffff)
			value = value * (hex ? 16 : 10) + digit;
	}
	if (digits.len == 0)
		return 0;
	bool control = value < ' ' && value != '\t' && value != '\n' && value != '\r';
	bool surrogate = value >= 0xd800 && value <= 0xdfff;
	bool none = (value | 1) == 0xffff || value > 0x10ffff;
	return control || surrogate || none ? CHARACTER_REPLACEMENT : value;
}

/* The code point that a reference means, without its '&' and ';'; 0: none that is known. */
static uint32_t meaning(struct slice name)
{
	if (slice_starts_with(name, SLICE("#")))
		return meaning_of_number(slice_skip(name, 1));
	for (size_t i = 0; i < COUNT_OF(NAMES); i++)
		if (slice_equal(name, slice_of(NAMES[i].name)))
			return NAMES[i].code_point;
	for (size_t i = 0; i < COUNT_OF(LATIN1); i++)
		if (slice_equal(name, slice_of(LATIN1[i])))
			return LATIN1_FIRST + (uint32_t)i;
	return 0;
}

static bool in_reference(struct xml_repair *repair, char c)
{
	bool fits = repair->ahead_len < sizeof(repair->ahead);

	if (c == ';') {
		struct slice ahead = {repair->ahead, repair->ahead_len};
		uint32_t code_point = meaning(slice_skip(ahead, 1));
		if (code_point == 0)
			return turn_out_as_text(repair);
		put_number(repair, code_point);
		repair->state = XML_IN_TEXT;
		return true;
	}
	if (!fits ||
	    !(ascii_is_letter(c) || ascii_is_digit(c) || (c == '#' && repair->ahead_len == 1)))
		return turn_out_as_text(repair);
	repair->ahead[repair->ahead_len++] = c;
	return true;
}

static bool in_comment(struct xml_repair *repair, char c)
{
	if (c == '-')
		repair->matched += repair->matched < 2;
	else if (c == '>' && repair->matched == 2)
		repair->state = XML_IN_TEXT;
	else
		repair->matched = 0;
	return true;
}

/* HTML ends it like this too: one that lacks its '?' must not cost the rest of the document. */
static bool in_instruction(struct xml_repair *repair, char c)
{
	if (c == '>')
		repair->state = XML_IN_TEXT;
	return true;
}

static bool in_cdata(struct xml_repair *repair, char c)
{
	if (c == ']' && repair->matched < 2) {
		repair->matched++;
		return true;
	}
	if (c == '>' && repair->matched == 2) {
		repair->state = XML_IN_TEXT;
		return true;
	}
	for (; c != ']' && repair->matched > 0; repair->matched--)
		put(repair, ']');
	put_text(repair, c);
	return true;
}

static bool in_name(struct xml_repair *repair, char c)
{
	if (is_space(c) || c == '/' || c == '>' || c == '<') {
		repair->state = XML_BETWEEN_ATTRIBUTES;
		return false;
	}
	put(repair, continues_name(c) ? c : '_');
	return true;
}

static bool between_attributes(struct xml_repair *repair, char c)
{
	if (is_space(c))
		return true;
	if (c == '>' || c == '<') {
		put_slice(repair, repair->empty && !repair->closing ? SLICE("/>") : SLICE(">"));
		repair->state = XML_IN_TEXT;
		repair->tag_ended = true;
		return c == '>';
	}
	repair->empty = c == '/';
	if (!begins_name(c))
		return true;
	repair->attribute_len = 0;
	repair->state = XML_IN_ATTRIBUTE;
	return false;
}

/* One that does not fit is remembered by a length that it cannot have. */
static void add_to_attribute(struct xml_repair *repair, struct slice text)
{
	if (text.len > sizeof(repair->attribute) - repair->attribute_len) {
		repair->attribute_len = sizeof(repair->attribute);
		return;
	}
	memcpy(repair->attribute + repair->attribute_len, text.bytes, text.len);
	repair->attribute_len += text.len;
}

static void close_attribute(struct xml_repair *repair)
{
	repair->state = XML_BETWEEN_ATTRIBUTES;
	if (repair->closing)
		return;
	if (repair->attributes++ >= XML_ATTRIBUTES_MAX ||
	    repair->attribute_len == sizeof(repair->attribute)) {
		repair->ignored++;
		return;
	}
	put(repair, ' ');
	put_slice(repair, (struct slice){repair->attribute, repair->attribute_len});
	put(repair, '"');
}

static bool in_attribute(struct xml_repair *repair, char c)
{
	if (is_space(c) || c == '=') {
		repair->state = XML_BEFORE_EQUALS;
		return false;
	}
	if (c == '>' || c == '<' || c == '/') {
		repair->state = XML_BETWEEN_ATTRIBUTES;
		return false;
	}
	add_to_attribute(repair, continues_name(c) ? (struct slice){&c, 1} : SLICE("_"));
	return true;
}

static bool before_equals(struct xml_repair *repair, char c)
{
	if (is_space(c))
		return true;
	repair->state = c == '=' ? XML_BEFORE_VALUE : XML_BETWEEN_ATTRIBUTES;
	if (c == '=')
		add_to_attribute(repair, SLICE("=\""));
	return c == '=';
}

static bool before_value(struct xml_repair *repair, char c)
{
	if (is_space(c))
		return true;
	bool quoted = c == '"' || c == '\'';
	repair->quote = '\0';
	if (quoted)
		repair->quote = c;
	repair->state = c == '>' || c == '<' ? XML_BETWEEN_ATTRIBUTES : XML_IN_VALUE;
	return quoted;
}

static bool in_value(struct xml_repair *repair, char c)
{
	if (c == '<') {
		repair->state = XML_BETWEEN_ATTRIBUTES;
		return false;
	}
	if (repair->quote ? c == repair->quote : is_space(c) || c == '>') {
		close_attribute(repair);
		return repair->quote != '\0';
	}
	struct slice text = {&c, 1};
	if (c == '"')
		text = SLICE("&#34;");
	else if (c == '&')
		text = SLICE("&#38;");
	add_to_attribute(repair, text);
	return true;
}

static bool refused(struct xml_repair *repair, char c)
{
	(void)repair, (void)c;
	return true;
}

void xml_repair_init(struct xml_repair *repair, xml_repair_fn *fn, void *context)
{
	*repair = (struct xml_repair){.fn = fn, .context = context};
}

int xml_repair_feed(struct xml_repair *repair, struct slice text)
{
	static bool (*const STATES[])(struct xml_repair *, char) = {
	    [XML_IN_TEXT] = in_text,
	    [XML_AFTER_LESS_THAN] = after_less_than,
	    [XML_IN_REFERENCE] = in_reference,
	    [XML_IN_COMMENT] = in_comment,
	    [XML_IN_INSTRUCTION] = in_instruction,
	    [XML_IN_CDATA] = in_cdata,
	    [XML_IN_NAME] = in_name,
	    [XML_BETWEEN_ATTRIBUTES] = between_attributes,
	    [XML_IN_ATTRIBUTE] = in_attribute,
	    [XML_BEFORE_EQUALS] = before_equals,
	    [XML_BEFORE_VALUE] = before_value,
	    [XML_IN_VALUE] = in_value,
	    [XML_REFUSED] = refused,
	};

	for (size_t i = 0; i < text.len && repair->state != XML_REFUSED; i++)
		while (!STATES[repair->state](repair, text.bytes[i]))
			;
	if (repair->tag_ended)
		flush(repair);
	repair->tag_ended = false;
	return repair->state == XML_REFUSED ? -EPERM : 0;
}

void xml_repair_finish(struct xml_repair *repair)
{
	flush(repair);
}
