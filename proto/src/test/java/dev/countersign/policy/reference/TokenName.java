package dev.countersign.policy.reference;

import java.util.function.Predicate;

/** A written request principal: issuer and subject, cut at the last slash. */
record TokenName(Predicate<String> issuer, Predicate<String> subject) {

    private static final Predicate<String> PRESENT = Texts.text("*");

    static TokenName of(String value) {
        int slash = value.lastIndexOf('/');
        String front = slash < 0 ? "" : value.substring(0, slash);
        String back = value.substring(slash + 1);
        if (value.equals("*")) {
            return new TokenName(PRESENT, PRESENT);
        }
        if (value.startsWith("*")) {
            return slash < 0
                    ? new TokenName(PRESENT, text -> text.endsWith(value.substring(1)))
                    : new TokenName(
                            front.equals("*") ? PRESENT : text -> text.endsWith(front.substring(1)),
                            back::equals);
        }
        if (value.endsWith("*")) {
            return slash < 0
                    ? new TokenName(Texts.text(value), PRESENT)
                    : new TokenName(front::equals, Texts.text(back));
        }
        return slash < 0
                ? new TokenName(text -> false, text -> false)
                : new TokenName(front::equals, back::equals);
    }

    boolean matches(String tokenIssuer, String tokenSubject) {
        return issuer.test(tokenIssuer) && subject.test(tokenSubject);
    }
}
