-- How a cell is read. The macros as_… take trimmed text and give null for what it is not; the macros quick_… and
-- settled_… take a cell as it is. Nearly every cell is written in the usual way, so that a few comparisons and one look
-- at its end decide whether it is taken as it stands; only what is unusual is trimmed and examined. A blank cell fails

-- Around a cell, blanks and tabs (which keep a spreadsheet from reading a number) are nothing; around a text wide blanks
-- too. Nearly every cell is tidy, so that its ends are looked at before anything is copied.
CREATE MACRO trimmed(x) AS nullif(trim(x, ' ' || chr(9) || chr(10) || chr(13) || '　'), '');

CREATE MACRO tidy(x) AS CASE
    WHEN x < '!' OR ends_with(x, ' ') OR ends_with(x, chr(9)) THEN trimmed(x) ELSE x END;

CREATE MACRO tidy_text(x) AS CASE
    WHEN x < '!' OR ends_with(x, ' ') OR ends_with(x, chr(9)) OR starts_with(x, '　') OR ends_with(x, '　')
        THEN trimmed(x) ELSE x END;

-- Spreadsheets write '0012 or ="0012" to keep a number as text, data frames 12.0 for the integer 12.
CREATE MACRO as_unusual_id(x) AS CASE
    WHEN starts_with(x, '''') THEN nullif(trim(x[2:]), '')
    WHEN starts_with(x, '="') AND ends_with(x, '"') THEN nullif(trim(x[3:-2]), '')
    WHEN regexp_full_match(x, '[0-9]+\.0') THEN x[:-3]
    ELSE x END;

CREATE MACRO as_id(x) AS CASE
    WHEN ends_with(x, '.0') THEN as_unusual_id(x)
    WHEN x >= 'A' OR x >= '0' AND x < ':' THEN x
    ELSE as_unusual_id(x) END;

-- 1.23E+17 is what is left of an 18-digit number; 4E12 may be an id.
CREATE MACRO is_damaged(x) AS CASE
    WHEN x < ':' AND (contains(x, 'E') OR contains(x, 'e'))
        THEN regexp_full_match(x, '''?[-+]?[0-9]((\.[0-9]+)?[eE]\+|\.[0-9]+[eE])[0-9]+')
    ELSE false END;

CREATE MACRO as_code(x, width) AS CASE
    WHEN length(x) < width AND regexp_full_match(x, '[0-9]+') THEN lpad(x, width, '0')
    WHEN x >= 'A' OR x >= '0' AND x < ':' AND NOT ends_with(x, '.0') THEN x
    WHEN length(as_unusual_id(x)) < width AND regexp_full_match(as_unusual_id(x), '[0-9]+')
        THEN lpad(as_unusual_id(x), width, '0')
    ELSE as_unusual_id(x) END;

-- Rounded before it is multiplied: an amount that fits its type never overflows.
CREATE MACRO in_fen(yuan) AS (yuan::DECIMAL(16, 2) * 100)::BIGINT;

CREATE MACRO as_fen(x) AS coalesce(
    in_fen(TRY_CAST(x AS DECIMAL(18, 6))),
    in_fen(TRY_CAST(regexp_replace(x, '[,，¥￥元 ]', '', 'g') AS DECIMAL(18, 6))));

CREATE MACRO as_number(x) AS CASE
    WHEN isfinite(TRY_CAST(x AS DOUBLE)) THEN TRY_CAST(x AS DOUBLE)
    ELSE TRY_CAST(replace(x, ',', '') AS DECIMAL(18, 6)) END;

CREATE MACRO as_flag(x) AS CASE
    WHEN x IS NULL THEN NULL
    ELSE x IN ('1', '1.0', '01', 'Y', 'y', 'true', 'TRUE', 'True', '是', '有效') END;

CREATE MACRO in_range(t) AS CASE WHEN t >= TIMESTAMP '1900-01-01' AND t < TIMESTAMP '2100-01-01' THEN t END;

CREATE MACRO as_unusual_time(x) AS CASE
    WHEN starts_with(x, '/Date(') THEN
        TRY(make_timestamp(TRY_CAST(regexp_extract(x, '-?[0-9]+') AS BIGINT) * 1000 + 28800000000))
    ELSE try_strptime(as_id(x), [
        '%Y%m%d', '%Y%m%d%H%M%S', '%Y%m%d%H%M', '%Y%m%d %H:%M:%S', '%Y-%m-%dT%H:%M:%S', '%Y-%m-%dT%H:%M',
        '%Y-%m-%d %H:%M', '%Y/%m/%d %H:%M', '%Y.%m.%d', '%Y.%m.%d %H:%M:%S', '%Y年%m月%d日', '%Y年%m月%d日 %H:%M:%S',
        '%d-%b-%y', '%d-%b-%Y', '%d-%b-%y %H:%M:%S', '%d-%b-%Y %H:%M:%S']) END;

-- Times with a zone become local ones. Words such as infinity are no times; the range is checked by the caller, so that
-- nothing is computed twice.
CREATE MACRO as_time(x) AS CASE
    WHEN (strlen(x) > 19 OR ends_with(x, 'Z')) AND regexp_full_match(x, '[0-9-]{8,10}[T ][0-9:.]{5,}(Z|[+-][0-9]{2}:?[0-9]{2})')
        THEN TRY_CAST(TRY_CAST(x AS TIMESTAMPTZ) AS TIMESTAMP)
    WHEN x < ':' THEN coalesce(TRY_CAST(x AS TIMESTAMP), as_unusual_time(x))
    ELSE as_unusual_time(x) END;

-- A time of exactly midnight is a date: databases write dates as 00:00:00.
CREATE MACRO has_clock(t) AS t::TIME <> TIME '00:00:00';

-- The code that carries a name, from the code table's names; both the coded column and its twin may hold names.
CREATE MACRO code_or_name(code, name, names) AS coalesce(
    CASE WHEN ord(code) > 127 THEN names[code] ELSE code END, names[name], code, name);

CREATE MACRO has_untidy_end(x) AS ends_with(x, ' ') OR ends_with(x, chr(9));

-- `words` are the spellings of an empty cell; none has more than four bytes or begins with a digit.
CREATE MACRO may_be_word(x) AS strlen(x) <= 4 AND x >= ':';

CREATE MACRO tidied(x, words) AS CASE WHEN list_contains(words, x) THEN NULL ELSE tidy(x) END;

CREATE MACRO tidied_text(x, words) AS CASE WHEN list_contains(words, x) THEN NULL ELSE tidy_text(x) END;

CREATE MACRO quick_text(x, words) AS CASE
    WHEN x < '!' OR may_be_word(x) OR x >= '　' AND x < '、' OR has_untidy_end(x) OR ends_with(x, '　')
        THEN tidied_text(x, words) ELSE x END;

CREATE MACRO quick_id(x, words) AS CASE
    WHEN x < '0' OR x >= ':' AND x < 'A' OR x >= '{' OR may_be_word(x) OR has_untidy_end(x) OR ends_with(x, '.0')
        THEN list_transform([tidied(x, words)], lambda t: as_id(t))[1]
    ELSE x END;

-- Only a cell with an E and a sign or a point can be what is left of a number.
CREATE MACRO cell_is_damaged(x) AS
    (contains(x, 'E') OR contains(x, 'e')) AND (contains(x, '+') OR contains(x, '.'))
        AND list_transform([tidy(x)], lambda t: is_damaged(t))[1];

CREATE MACRO quick_code(x, words, width, twin, names) AS CASE
    WHEN length(x) < width OR x < '0' OR x >= ':' AND x < 'A' OR x >= '{' OR may_be_word(x) OR has_untidy_end(x)
        OR ends_with(x, '　') OR ends_with(x, '.0')
        THEN list_transform(list_transform([tidied_text(x, words)], lambda t: as_code(t, width)),
            lambda t: code_or_name(t, twin, names))[1]
    ELSE x END;

CREATE MACRO quick_flag(x, words) AS CASE
    WHEN x = '1' THEN true
    WHEN x = '0' THEN false
    ELSE list_transform([tidied(x, words)], lambda t: as_flag(t))[1] END;

-- The engine's casts trim by themselves and give null for words. What they give is settled in a second step, so that
-- no cell is cast twice.
CREATE MACRO quick_yuan(x) AS TRY_CAST(x AS DECIMAL(18, 6));

CREATE MACRO settled_fen(yuan, x, words) AS CASE
    WHEN yuan IS NULL AND x IS NOT NULL THEN list_transform([tidied(x, words)], lambda t: as_fen(t))[1]
    ELSE in_fen(yuan) END;

CREATE MACRO quick_number(x) AS TRY_CAST(x AS DOUBLE);

CREATE MACRO settled_number(number, x, words) AS CASE
    WHEN x IS NOT NULL AND isfinite(number) IS NOT true
        THEN list_transform([tidied(x, words)], lambda t: as_number(t))[1]
    ELSE number END;

-- A time with a zone is long or ends with Z.
CREATE MACRO quick_time(x) AS CASE
    WHEN x < '0' OR x >= ':' OR strlen(x) > 19 OR contains(x, 'Z') THEN NULL ELSE TRY_CAST(x AS TIMESTAMP) END;

CREATE MACRO settled_time(t, x, words) AS CASE
    WHEN x IS NOT NULL AND (t IS NULL OR t < TIMESTAMP '1900-01-01' OR t >= TIMESTAMP '2100-01-01')
        THEN list_transform(list_transform([tidied(x, words)], lambda c: as_time(c)), lambda c: in_range(c))[1]
    ELSE t END;

CREATE MACRO masked(x) AS CASE
    WHEN x IS NULL THEN NULL
    WHEN length(x) < 8 THEN '***'
    ELSE x[:2] || '***' || x[-2:] END;

-- A short number or date names nobody; everything else is masked. A cell must not begin a formula.
CREATE MACRO shown(x, personal) AS regexp_replace(CASE
    WHEN NOT personal AND regexp_full_match(x, '[-+0-9.,:/ ]{1,10}') THEN x
    ELSE masked(x) END, '^[=+@-]', '''\0');

-- Blank, a filler word or one repeated character is no doctor.
CREATE MACRO known_doctor(code) AS CASE
    WHEN replace(code, code[1], '') = '' OR list_contains(getvariable('unknown_doctors'), upper(code)) THEN NULL
    ELSE code END;

CREATE MACRO phone_digits(x) AS regexp_replace(
    regexp_replace(regexp_extract(x, '[0-9+][0-9 ()-]{5,}[0-9]'), '[^0-9]', '', 'g'), '^(00)?86(1[0-9]{10})$', '\2');

CREATE MACRO as_phone(x) AS CASE
    WHEN length(phone_digits(x)) NOT BETWEEN 7 AND 12 OR replace(phone_digits(x), phone_digits(x)[1], '') = ''
        OR list_contains(getvariable('placeholder_phones'), phone_digits(x)) THEN NULL
    ELSE phone_digits(x) END;

-- Shorter ones name a town at best (无, 不详, 本地, 某某市).
CREATE MACRO as_address(x) AS CASE
    WHEN length(regexp_replace(x, '[\s,,.。、#-]+', '', 'g')) < 6 THEN NULL
    ELSE upper(regexp_replace(x, '[\s,,.。、]+', '', 'g')) END;

-- The village, estate or street of an address as `as_address` gives it: what stands before the first house, lane or
-- group number; nothing where that is too short to name a place.
CREATE MACRO before_house(x) AS regexp_replace(regexp_replace(x,
    '[0-9０-９A-Z一二三四五六七八九十百#-]+(?:号|组|栋|幢|座|单元|室|弄|楼|户|排|队).*$', ''), '[0-9０-９#-]+$', '');
CREATE MACRO as_locality(x) AS CASE WHEN length(before_house(x)) >= 3 THEN before_house(x) END;

CREATE MACRO as_household(x) AS CASE
    WHEN length(x) < 4 OR replace(x, x[1], '') = '' THEN NULL ELSE upper(x) END;

CREATE MACRO as_account(x) AS CASE
    WHEN length(regexp_replace(x, '[^0-9A-Za-z*]', '', 'g')) < 8 OR replace(x, x[1], '') = '' THEN NULL
    ELSE upper(regexp_replace(x, '[^0-9A-Za-z*]', '', 'g')) END;

CREATE MACRO as_mac(x) AS CASE
    WHEN NOT regexp_full_match(regexp_replace(x, '[^0-9A-Za-z]', '', 'g'), '[0-9A-Za-z]{6,}')
        OR replace(regexp_replace(x, '[^0-9A-Za-z]', '', 'g'), x[1], '') = '' THEN NULL
    ELSE upper(regexp_replace(x, '[^0-9A-Za-z]', '', 'g')) END;

CREATE MACRO as_agent(certno, tel) AS coalesce(
    CASE WHEN length(certno) >= 6 AND replace(certno, certno[1], '') <> '' THEN 'certificate ' || upper(certno) END,
    'phone ' || as_phone(tel))
;

-- The codes of one cell: alone, separated, or as a written-out list of the interface's nodes.
CREATE MACRO trace_codes(x) AS CASE
    WHEN regexp_full_match(x, '[0-9A-Za-z]+') THEN [x]
    ELSE list_sort(list_distinct(list_filter(string_split_regex(x, '[\s,;|,;、''"{}\[\]:]+'),
        lambda code: code <> '' AND lower(replace(code, '_', '')) <> 'drugtraccodg'))) END;

-- Whether the code tables give a code the meaning that `codes` lists; a blank cell means nothing.
CREATE MACRO is_one_of(code, codes) AS coalesce(list_contains(getvariable(codes), code), false)
