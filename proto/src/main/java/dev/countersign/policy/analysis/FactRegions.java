package dev.countersign.policy.analysis;

import dev.countersign.policy.analysis.region.Box;
import dev.countersign.policy.analysis.region.Dimension;
import dev.countersign.policy.analysis.region.Fact;
import dev.countersign.policy.analysis.region.Region;
import dev.countersign.policy.analysis.region.Truth;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The requests of which something opaque holds: claims of a token, notes of filters, expressions. */
final class FactRegions {
    private final Reading reading;

    FactRegions(Reading reading) {
        this.reading = reading;
    }

    Region requestPrincipals(List<String> values, boolean negative) {
        List<Fact> facts = values.stream().<Fact>map(Fact.TokenPrincipal::new).toList();
        return facts(new Fact.TokenPresent(), facts, negative);
    }

    /** What a filter noted. */
    Region note(String name, List<String> values, boolean negative) {
        List<Fact> facts = values.stream().<Fact>map(one -> new Fact.NoteText(name, one)).toList();
        return facts(new Fact.NotePresent(name), facts, negative);
    }

    /** An expression that cannot be evaluated matches in a rule that does not allow. */
    Region expression(String source, boolean allows) {
        Region holds = Region.of(new Dimension.Opaque(new Fact.Expression(source)), Truth.YES);
        return allows
                ? holds
                : holds.or(
                        Region.of(
                                new Dimension.Opaque(new Fact.ExpressionFails(source)), Truth.YES));
    }

    Region claim(List<String> claim, List<String> values, boolean negative) {
        List<Fact> facts = new ArrayList<>();
        for (String value : values) {
            facts.add(new Fact.ClaimText(claim, value));
            if (reading.scalars() && mayBeScalar(value)) {
                facts.add(new Fact.ClaimScalar(claim, value));
            }
        }
        return facts(new Fact.ClaimPresent(claim), facts, negative);
    }

    /** Whether the text of some boolean or JSON number may match. */
    private static boolean mayBeScalar(String value) {
        if (value.indexOf('*') >= 0 || value.equals("true") || value.equals("false")) {
            return true;
        }
        return !value.isEmpty()
                && value.chars().allMatch(c -> (c >= '0' && c <= '9') || "+-.eE".indexOf(c) >= 0);
    }

    private Region facts(Fact present, List<Fact> any, boolean negative) {
        Box there = Objects.requireNonNull(Box.of(new Dimension.Opaque(present), Truth.YES));
        if (!negative) {
            List<Box> boxes = new ArrayList<>();
            for (Fact fact : any) {
                boxes.add(
                        Objects.requireNonNull(there.with(new Dimension.Opaque(fact), Truth.YES)));
            }
            return new Region(boxes);
        }
        Box none = reading.absentPasses() ? Box.EVERYTHING : there;
        for (Fact fact : any) {
            none = Objects.requireNonNull(none.with(new Dimension.Opaque(fact), Truth.NO));
        }
        return Region.of(none);
    }
}
