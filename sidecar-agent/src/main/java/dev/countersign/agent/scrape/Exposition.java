package dev.countersign.agent.scrape;

import java.util.Set;

/**
 * Prometheus' text format, version 0.0.4, as far as a scraper refuses a page for: one bad line would
 * cost it our metrics too.
 */
final class Exposition {
    /** Metrics that the agent alone speaks for. */
    private static final String OURS = "countersign_";

    private static final Set<String> TYPES =
            Set.of("counter", "gauge", "histogram", "summary", "untyped");

    private final StringBuilder kept;
    private int number;

    private Exposition(int length) {
        kept = new StringBuilder(length + 1);
    }

    /**
     * The page's lines as they are, but for those that speak for the agent.
     *
     * @throws MalformedPage at the first line that a scraper would refuse
     */
    static String linesOf(String page) throws MalformedPage {
        Exposition exposition = new Exposition(page.length());
        int start = 0;
        while (start < page.length()) {
            int end = page.indexOf('\n', start);
            end = end < 0 ? page.length() : end;
            exposition.line(page.substring(start, end));
            start = end + 1;
        }
        return exposition.kept.toString();
    }

    private void line(String line) throws MalformedPage {
        number++;
        String name = line.startsWith("#") ? described(line) : measured(line);
        if (!name.startsWith(OURS)) {
            kept.append(line).append('\n');
        }
    }

    /** The metric that a comment is about; empty where it is about none. */
    private String described(String line) throws MalformedPage {
        String[] words = line.split("[ \t]+", 4);
        boolean type = words.length > 1 && words[1].equals("TYPE");
        boolean help = words.length > 1 && words[1].equals("HELP");
        if (!words[0].equals("#") || (!type && !help)) {
            return "";
        }
        if (words.length < 3 || new Sample(words[2]).name() != words[2].length()) {
            throw malformed("a metric's name");
        }
        if (type && (words.length < 4 || !TYPES.contains(words[3].strip()))) {
            throw malformed("# TYPE name counter | gauge | histogram | summary | untyped");
        }
        return words[2];
    }

    /** The metric of a sample; empty on an empty line. */
    private String measured(String line) throws MalformedPage {
        if (line.isBlank() && line.indexOf('\r') < 0) {
            return "";
        }
        Sample sample = new Sample(line);
        int start = sample.blanks(0);
        int end = sample.name();
        if (end == start || !sample.rest()) {
            throw malformed("name{label=\"value\",...} number [milliseconds]");
        }
        return line.substring(start, end);
    }

    private MalformedPage malformed(String expected) {
        return new MalformedPage(number, expected);
    }

    /** Reads one line from left to right. */
    private static final class Sample {
        private final String line;
        private int at;

        Sample(String line) {
            this.line = line;
        }

        int blanks(int from) {
            at = from;
            while (is(' ') || is('\t')) {
                at++;
            }
            return at;
        }

        /** Where the name ends that begins here; where it begins, when there is none. */
        int name() {
            return word(true);
        }

        /** Labels, if any, a number, and perhaps a time. */
        boolean rest() {
            blanks(at);
            if (is('{') && !labels()) {
                return false;
            }
            blanks(at);
            if (!number(token())) {
                return false;
            }
            blanks(at);
            String time = token();
            blanks(at);
            return at == line.length() && (time.isEmpty() || integer(time));
        }

        private boolean labels() {
            at++;
            blanks(at);
            while (!is('}')) {
                int start = at;
                if (word(false) == start || !value()) {
                    return false;
                }
                blanks(at);
                if (is(',')) {
                    blanks(at + 1);
                } else if (!is('}')) {
                    return false;
                }
            }
            at++;
            return true;
        }

        private boolean value() {
            blanks(at);
            if (!is('=')) {
                return false;
            }
            blanks(at + 1);
            if (!is('"')) {
                return false;
            }
            at++;
            while (!is('"')) {
                at += is('\\') ? 2 : 1;
                if (at >= line.length()) {
                    return false;
                }
            }
            at++;
            return true;
        }

        private int word(boolean colons) {
            int start = at;
            while (at < line.length() && isNameChar(line.charAt(at), at > start, colons)) {
                at++;
            }
            return at;
        }

        private String token() {
            int start = at;
            while (at < line.length() && !is(' ') && !is('\t')) {
                at++;
            }
            return line.substring(start, at);
        }

        private boolean is(char c) {
            return at < line.length() && line.charAt(at) == c;
        }

        private static boolean isNameChar(char c, boolean further, boolean colons) {
            return (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || c == '_'
                    || (colons && c == ':')
                    || (further && c >= '0' && c <= '9');
        }

        private static boolean number(String text) {
            return text.matches("(?i)[+-]?(inf|infinity|nan)")
                    || text.matches(
                            "[+-]?(\\d{1,400}(\\.\\d{0,400})?|\\.\\d{1,400})([eE][+-]?\\d{1,4})?");
        }

        private static boolean integer(String text) {
            return text.matches("-?\\d{1,18}");
        }
    }
}
