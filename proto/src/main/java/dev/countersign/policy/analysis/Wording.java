package dev.countersign.policy.analysis;

import dev.countersign.policy.MeshSettings;
import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension;
import dev.countersign.policy.analysis.region.Dimension.Plain;
import dev.countersign.policy.analysis.region.Ranges;
import dev.countersign.policy.analysis.region.Texts;
import dev.countersign.policy.analysis.region.Truth;
import dev.countersign.policy.analysis.region.ValueSet;
import dev.countersign.policy.analysis.text.Language;
import dev.countersign.policy.match.IpAddress;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says sets of values in the words that the policies themselves use. */
final class Wording {

    private static final int MOST_STRINGS = 6;
    private static final int DEEPEST = 2;

    private final Space space;
    private final Vocabulary vocabulary;
    private final String ownPrefix;

    Wording(Space space, MeshSettings mesh, Vocabulary vocabulary) {
        this.space = space;
        this.vocabulary = vocabulary;
        this.ownPrefix = mesh.trustDomain() + "/ns/";
    }

    /** A box in words. */
    RequestClass of(Box box, boolean http, @Nullable Witness witness) {
        List<String> conditions = new ArrayList<>();
        List<String> onlyIf = new ArrayList<>();
        for (Map.Entry<Dimension, ValueSet> one : box.sets().entrySet()) {
            switch (one.getKey()) {
                case Dimension.Opaque opaque ->
                        onlyIf.add(
                                ((Truth) one.getValue()).yes()
                                        ? opaque.fact().text()
                                        : "not: " + opaque.fact().text());
                case Dimension.Plain plain when isColumn(plain) -> {
                    // It has a column of its own.
                }
                case Dimension other -> {
                    String text = values(other, one.getValue());
                    if (!text.isEmpty() && (http || other != Plain.HOST)) {
                        conditions.add(other.label() + " " + text);
                    }
                }
            }
        }
        return new RequestClass(
                http ? "http" : "tcp",
                orAnyone(column(box, Plain.IDENTITY)),
                column(box, Plain.PORT),
                http ? column(box, Plain.METHOD) : "",
                http ? column(box, Plain.PATH) : "",
                conditions,
                onlyIf,
                witness);
    }

    private static boolean isColumn(Plain dimension) {
        return switch (dimension) {
            case IDENTITY, PORT, METHOD, PATH -> true;
            case HOST, SOURCE_IP, REMOTE_IP, DESTINATION_IP, SNI -> false;
        };
    }

    private static String orAnyone(String source) {
        return source.isEmpty() ? "anyone" : source;
    }

    private String column(Box box, Plain dimension) {
        ValueSet values = box.get(dimension);
        return values == null ? "" : values(dimension, values);
    }

    /** The values, or the empty text where all that can occur are among them. */
    String values(Dimension dimension, ValueSet values) {
        if (space.occurring(dimension).isWithin(values)) {
            return "";
        }
        return switch (values) {
            case Ranges ranges -> ranges(ranges);
            case Truth truth -> truth.yes() ? "yes" : "no";
            case Texts texts -> texts(dimension, texts);
        };
    }

    private String texts(Dimension dimension, Texts texts) {
        Texts occurring = (Texts) space.occurring(dimension);
        List<String> parts = new ArrayList<>();
        Language all = occurring.present();
        Language target = texts.present().and(all);
        if (!target.isEmpty()) {
            parts.addAll(cover(dimension, target, all, 0));
        }
        if (texts.absent() && occurring.absent()) {
            parts.add(dimension == Plain.IDENTITY ? "plaintext" : "absent");
        }
        return String.join(", ", parts);
    }

    /** Names for parts of a set that make all of it. */
    private List<String> cover(Dimension dimension, Language target, Language all, int depth) {
        if (all.isWithin(target)) {
            return List.of(dimension == Plain.IDENTITY ? "any identity" : "anything");
        }
        Map<String, Language> words = vocabulary.words(dimension);
        List<String> names = new ArrayList<>();
        Language rest = target;
        for (String word : largestWithin(words, target, all)) {
            Language meaning = words.getOrDefault(word, rest).and(all);
            if (meaning.overlaps(rest)) {
                names.add(word);
                rest = rest.minus(meaning);
            }
        }
        Collection<String> strings = rest.strings();
        if (strings != null) {
            addStrings(dimension, strings, names);
            return names;
        }
        return List.of(exceptions(dimension, target, all, depth));
    }

    private void addStrings(Dimension dimension, Collection<String> strings, List<String> names) {
        strings.stream()
                .limit(MOST_STRINGS)
                .forEach(text -> names.add(dimension == Plain.IDENTITY ? account(text) : text));
        if (strings.size() > MOST_STRINGS) {
            names.add((strings.size() - MOST_STRINGS) + " more");
        }
    }

    private static List<String> largestWithin(
            Map<String, Language> words, Language target, Language all) {
        List<String> within = new ArrayList<>();
        words.forEach((word, meaning) -> {
            Language occurring = meaning.and(all);
            if (!occurring.isEmpty() && occurring.isWithin(target)) {
                within.add(word);
            }
        });
        List<String> largest = new ArrayList<>();
        for (String word : within) {
            Language own = words.getOrDefault(word, target).and(all);
            boolean held =
                    within.stream()
                            .anyMatch(other ->
                                    !other.equals(word) && holds(words, other, word, own, all));
            if (!held) {
                largest.add(word);
            }
        }
        return largest;
    }

    /** Whether another word means more, or means the same and comes first. */
    private static boolean holds(
            Map<String, Language> words, String other, String word, Language own, Language all) {
        Language theirs = words.getOrDefault(other, own).and(all);
        return own.isWithin(theirs) && (!theirs.isWithin(own) || other.compareTo(word) < 0);
    }

    /** The smallest known set around it, without what does not belong to it. */
    private String exceptions(Dimension dimension, Language target, Language all, int depth) {
        String name = dimension == Plain.IDENTITY ? "any identity" : "anything";
        Language around = all;
        for (Map.Entry<String, Language> word : vocabulary.words(dimension).entrySet()) {
            Language meaning = word.getValue().and(all);
            if (target.isWithin(meaning) && meaning.isWithin(around) && !around.isWithin(meaning)) {
                name = word.getKey();
                around = meaning;
            }
        }
        if (depth == DEEPEST) {
            return "some of " + name + " such as " + target.witness(List.of());
        }
        return name
                + " except "
                + String.join(", ", cover(dimension, around.minus(target), all, depth + 1));
    }

    /** {@code namespace/account} in our own trust domain, else the SPIFFE ID. */
    String account(String identity) {
        int account = identity.indexOf("/sa/");
        boolean own = identity.startsWith(ownPrefix) && account > ownPrefix.length();
        return own
                ? identity.substring(ownPrefix.length(), account)
                        + "/"
                        + identity.substring(account + 4)
                : "spiffe://" + identity;
    }

    private static String ranges(Ranges ranges) {
        List<String> parts = new ArrayList<>();
        boolean ports = ranges.universe() == Ranges.Universe.PORTS;
        for (Ranges.Range range : ranges.present().stream().limit(MOST_STRINGS).toList()) {
            String from = ports ? range.from().toString() : Ranges.address(range.from()).toString();
            String to = ports ? range.to().toString() : Ranges.address(range.to()).toString();
            String block = ports ? null : block(range);
            parts.add(from.equals(to) ? from : block != null ? block : from + "–" + to);
        }
        if (ranges.present().size() > MOST_STRINGS) {
            parts.add((ranges.present().size() - MOST_STRINGS) + " more");
        }
        if (ranges.absent()) {
            parts.add("absent");
        }
        return String.join(", ", parts);
    }

    /** As a CIDR block, where it is one. */
    private static @Nullable String block(Ranges.Range range) {
        BigInteger size = range.to().subtract(range.from()).add(BigInteger.ONE);
        int free = size.bitLength() - 1;
        boolean aligned = size.bitCount() == 1 && range.from().getLowestSetBit() >= free;
        boolean zero = range.from().signum() == 0 && size.bitCount() == 1;
        IpAddress from = Ranges.address(range.from());
        return aligned || zero ? from + "/" + ((from.v4() ? 32 : 128) - free) : null;
    }
}
