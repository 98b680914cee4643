package dev.countersign.policy.analysis.text;

/** How two sets make one. */
enum SetOperation {
    AND,
    OR,
    MINUS,
    XOR;

    boolean of(boolean a, boolean b) {
        return switch (this) {
            case AND -> a && b;
            case OR -> a || b;
            case MINUS -> a && !b;
            case XOR -> a != b;
        };
    }

    boolean symmetric() {
        return this != MINUS;
    }
}
