package dev.countersign.policy.expression;

import dev.cel.common.CelOptions;

/** What parser, checker and runtime agree on. */
final class CelSettings {
    /** Code points of one expression. */
    static final int MAX_SOURCE = 2048;

    private static final int MAX_DEPTH = 32;
    private static final int MAX_NODES = 400;
    private static final int MAX_FAULTS = 10;
    private static final int MAX_PATTERN_PROGRAM = 2000;

    static final CelOptions OPTIONS =
            CelOptions.current()
                    .maxExpressionCodePointSize(MAX_SOURCE)
                    .maxParseRecursionDepth(MAX_DEPTH)
                    .maxParseExpressionNodeCount(MAX_NODES)
                    .maxParseErrorRecoveryLimit(MAX_FAULTS)
                    .comprehensionMaxIterations(ExpressionCost.MAX_ITERATIONS)
                    .maxRegexProgramSize(MAX_PATTERN_PROGRAM)
                    .enableHeterogeneousNumericComparisons(true)
                    .errorOnDuplicateMapKeys(true)
                    .errorOnIntWrap(true)
                    .build();

    private CelSettings() {}
}
