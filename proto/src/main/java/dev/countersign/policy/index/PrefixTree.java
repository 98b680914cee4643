package dev.countersign.policy.index;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rules by how a text begins, or ends: a radix tree, walked once for a text.
 *
 * <p>What is found at a node is the rules of its own prefix, then those of each shorter one.
 */
final class PrefixTree {

    /** Longer keys are cut, which proposes more; it bounds the depth of the tree. */
    private static final int LONGEST_KEY = 256;

    /** After so many prefixes of prefixes the sets are made one, which bounds a look-up's steps. */
    private static final int LONGEST_CHAIN = 12;

    private final TextIndex.Reading reading;
    private final int limit;
    private final Postings others;
    private final @Nullable Node root;

    PrefixTree(
            TextIndex.Reading reading,
            Map<String, RuleNumbers> byPrefix,
            Postings others,
            int limit) {
        this.reading = reading;
        this.limit = limit;
        this.others = others;
        TreeMap<String, List<RuleNumbers>> sorted = new TreeMap<>();
        byPrefix.forEach((key, rules) ->
                sorted.computeIfAbsent(canonical(key), k -> new ArrayList<>()).add(rules));
        List<Map.Entry<String, List<RuleNumbers>>> entries = new ArrayList<>(sorted.entrySet());
        this.root = entries.isEmpty() ? null : build(entries, 0, others, 1);
    }

    /** The rules whose prefix the text has, and those without one. */
    Postings find(String text) {
        Postings found = others;
        Node node = root;
        int at = 0;
        while (node != null && hasAt(text, at, node.edge)) {
            found = node.found;
            at += node.edge.length();
            node = at < text.length() ? node.child(reading.at(text, at)) : null;
        }
        return found;
    }

    private boolean hasAt(String text, int at, String edge) {
        if (reading == TextIndex.Reading.FROM_START) {
            return text.startsWith(edge, at);
        }
        if (at + edge.length() > text.length()) {
            return false;
        }
        for (int i = 0; i < edge.length(); i++) {
            if (reading.at(text, at + i) != edge.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** As the tree reads it: from the end or from the start, folded or not. */
    private String canonical(String key) {
        int length = Math.min(key.length(), LONGEST_KEY);
        StringBuilder read = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            read.append(reading.at(key, i));
        }
        return read.toString();
    }

    private Node build(
            List<Map.Entry<String, List<RuleNumbers>>> sorted,
            int depth,
            Postings inherited,
            int chain) {
        String first = sorted.getFirst().getKey();
        int end = common(first, sorted.getLast().getKey(), depth);
        boolean own = first.length() == end;
        Postings found = inherited;
        int links = chain;
        if (own) {
            for (RuleNumbers rules : sorted.getFirst().getValue()) {
                found = Postings.of(rules, limit, found);
                links++;
            }
        }
        if (links > LONGEST_CHAIN) {
            found = found.flattened(limit);
            links = 1;
        }
        List<Node> children = new ArrayList<>();
        int from = own ? 1 : 0;
        while (from < sorted.size()) {
            int to = from + 1;
            char branch = sorted.get(from).getKey().charAt(end);
            while (to < sorted.size() && sorted.get(to).getKey().charAt(end) == branch) {
                to++;
            }
            children.add(build(sorted.subList(from, to), end, found, links));
            from = to;
        }
        return new Node(first.substring(depth, end), found, children);
    }

    private static int common(String a, String b, int from) {
        int at = from;
        while (at < a.length() && at < b.length() && a.charAt(at) == b.charAt(at)) {
            at++;
        }
        return at;
    }

    /** A stretch of text, and what is known once it has been read. */
    private static final class Node {

        private static final Node[] NONE = {};

        private final String edge;
        private final Postings found;
        private final String branches;
        private final Node[] children;

        Node(String edge, Postings found, List<Node> children) {
            this.edge = edge;
            this.found = found;
            StringBuilder first = new StringBuilder(children.size());
            children.forEach(child -> first.append(child.edge.charAt(0)));
            this.branches = first.toString();
            this.children = children.isEmpty() ? NONE : children.toArray(NONE);
        }

        @Nullable Node child(char next) {
            int at = branches.indexOf(next);
            return at < 0 ? null : children[at];
        }
    }
}
