package dev.countersign.policy.analysis.region;

/** A set of values of one dimension. Operands are of the same dimension, thus of the same kind. */
public sealed interface ValueSet permits Texts, Ranges, Truth {

    ValueSet and(ValueSet other);

    ValueSet or(ValueSet other);

    ValueSet minus(ValueSet other);

    boolean overlaps(ValueSet other);

    boolean isWithin(ValueSet other);

    boolean isEmpty();

    /** Whether it constrains nothing. */
    boolean isEverything();
}
