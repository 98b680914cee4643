package dev.countersign.policy.parse;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** A document as it was written: values with the lines they stand on. */
sealed interface Node {

    int line();

    /** What it is, for a message. */
    String describe();

    /** A single value. */
    record Scalar(String text, Kind kind, int line) implements Node {
        @Override
        public String describe() {
            return switch (kind) {
                case STRING -> text;
                case BOOLEAN -> "the boolean " + text;
                case NUMBER -> "the number " + text;
                case NULL -> "nothing";
            };
        }

        /** How it reads without quotes. */
        enum Kind {
            STRING,
            BOOLEAN,
            NUMBER,
            NULL
        }
    }

    /** A list. */
    record Items(List<Node> items, int line) implements Node {
        public Items {
            items = List.copyOf(items);
        }

        @Override
        public String describe() {
            return "a list";
        }
    }

    /** An object. */
    record Fields(SequencedMap<String, Node> fields, Map<String, Integer> keyLines, int line)
            implements Node {
        public Fields {
            fields = new LinkedHashMap<>(fields);
            keyLines = Map.copyOf(keyLines);
        }

        @Override
        public String describe() {
            return "an object";
        }
    }
}
