package dev.countersign.policy.analysis.region;

/** Which of true and false a fact may be. */
public record Truth(boolean yes, boolean no) implements ValueSet {

    public static final Truth EITHER = new Truth(true, true);
    public static final Truth YES = new Truth(true, false);
    public static final Truth NO = new Truth(false, true);

    /** Whether it may be this. */
    public boolean contains(boolean value) {
        return value ? yes : no;
    }

    @Override
    public Truth and(ValueSet other) {
        Truth truth = (Truth) other;
        return new Truth(yes && truth.yes, no && truth.no);
    }

    @Override
    public Truth or(ValueSet other) {
        Truth truth = (Truth) other;
        return new Truth(yes || truth.yes, no || truth.no);
    }

    @Override
    public Truth minus(ValueSet other) {
        Truth truth = (Truth) other;
        return new Truth(yes && !truth.yes, no && !truth.no);
    }

    @Override
    public boolean overlaps(ValueSet other) {
        return !and(other).isEmpty();
    }

    @Override
    public boolean isWithin(ValueSet other) {
        return minus(other).isEmpty();
    }

    @Override
    public boolean isEmpty() {
        return !yes && !no;
    }

    @Override
    public boolean isEverything() {
        return yes && no;
    }
}
