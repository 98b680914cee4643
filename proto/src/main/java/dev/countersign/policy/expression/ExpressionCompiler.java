package dev.countersign.policy.expression;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelProtoAbstractSyntaxTree;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.CelValidationResult;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parses, types and bounds expressions, where policies are admitted. */
public final class ExpressionCompiler {
    static final String IN_BLOCK = "inBlock";
    static final String IN_BLOCK_OVERLOAD = "string_in_block_string";
    private static final String UNDECLARED = "undeclared reference to '";

    private ExpressionCompiler() {}

    /** The checked form, or every reason why there is none. */
    public static Outcome compile(String source) {
        if (source.codePointCount(0, source.length()) > CelSettings.MAX_SOURCE) {
            return refused(
                    source.length()
                            + " characters (expected: at most "
                            + CelSettings.MAX_SOURCE
                            + ")");
        }
        try {
            CelValidationResult result = Holder.COMPILER.compile(source, "expression");
            if (result.hasError()) {
                return new Refused(
                        result.getErrors().stream().map(issue -> fault(issue, source)).toList());
            }
            return checked(result.getAst());
        } catch (CelValidationException | RuntimeException e) {
            // Whatever the library stumbles over is not an expression to run.
            return refused("cannot be compiled: " + e.getClass().getSimpleName());
        }
    }

    private static Outcome checked(CelAbstractSyntaxTree tree) {
        if (!tree.getResultType().equals(SimpleType.BOOL)) {
            return refused(
                    "result: "
                            + tree.getResultType().name()
                            + " (expected: bool; compare it, as in … == true)");
        }
        List<Fault> faults = new ArrayList<>();
        for (ExpressionRules.Finding finding : ExpressionRules.check(tree).findings()) {
            Integer offset = tree.getSource().getPositionsMap().get(finding.node());
            CelSourceLocation at =
                    Optional.ofNullable(offset)
                            .flatMap(tree.getSource()::getOffsetLocation)
                            .orElse(CelSourceLocation.of(1, 0));
            faults.add(
                    new Fault(
                            at.getLine(), at.getColumn() + 1, finding.reason(), Optional.empty()));
        }
        if (!faults.isEmpty()) {
            return new Refused(faults);
        }
        byte[] bytes = CelProtoAbstractSyntaxTree.fromCelAst(tree).toCheckedExpr().toByteArray();
        return bytes.length > CheckedExpression.MAX_BYTES
                ? refused("too much (expected: less)")
                : new Compiled(CheckedExpression.of(bytes), ExpressionCost.of(tree.getExpr()));
    }

    private static Fault fault(CelIssue issue, String source) {
        CelSourceLocation at = issue.getSourceLocation();
        String message = issue.getMessage();
        Optional<String> name =
                message.startsWith(UNDECLARED) ? Optional.of(nameAt(source, at)) : Optional.empty();
        String reason = name.map(one -> "no variable " + one).orElse(message);
        return new Fault(Math.max(1, at.getLine()), Math.max(1, at.getColumn() + 1), reason, name);
    }

    /** The whole dotted name: the checker names its first part only. */
    private static String nameAt(String source, CelSourceLocation at) {
        String[] lines = source.split("\n", -1);
        String line = at.getLine() <= lines.length ? lines[Math.max(0, at.getLine() - 1)] : "";
        int from = Math.min(Math.max(0, at.getColumn()), line.length());
        int to = from;
        while (to < line.length()
                && (Character.isLetterOrDigit(line.charAt(to))
                        || "._".indexOf(line.charAt(to)) >= 0)) {
            to++;
        }
        return line.substring(from, to);
    }

    private static Refused refused(String reason) {
        return new Refused(List.of(new Fault(1, 1, reason, Optional.empty())));
    }

    /** What compiling came to. */
    public sealed interface Outcome {}

    /**
     * It can be evaluated.
     *
     * @param cost estimated steps at most
     */
    public record Compiled(CheckedExpression checked, long cost) implements Outcome {}

    /** It cannot, for at least one reason. */
    public record Refused(List<Fault> faults) implements Outcome {
        public Refused {
            faults = List.copyOf(faults);
        }
    }

    /**
     * One reason.
     *
     * @param line of the expression, from 1
     * @param column from 1
     * @param unknown the variable that does not exist, if that is the reason
     */
    public record Fault(int line, int column, String reason, Optional<String> unknown) {
        /** {@code 1:17: no variable source.principl} */
        @Override
        public String toString() {
            return line + ":" + column + ": " + reason;
        }
    }

    /** Made when the first expression comes: it loads some hundred classes. */
    private static final class Holder {
        static final CelCompiler COMPILER = compiler();

        private static CelCompiler compiler() {
            CelCompilerBuilder builder =
                    CelCompilerFactory.standardCelCompilerBuilder()
                            .setOptions(CelSettings.OPTIONS)
                            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                            .addFunctionDeclarations(
                                    CelFunctionDecl.newFunctionDeclaration(
                                            IN_BLOCK,
                                            CelOverloadDecl.newMemberOverload(
                                                    IN_BLOCK_OVERLOAD,
                                                    SimpleType.BOOL,
                                                    SimpleType.STRING,
                                                    SimpleType.STRING)))
                            .setResultType(SimpleType.BOOL);
            ExpressionSchema.VARIABLES.forEach((name, type) -> builder.addVar(name, type(type)));
            return builder.build();
        }

        private static CelType type(ExpressionSchema.Type type) {
            return switch (type) {
                case TEXT -> SimpleType.STRING;
                case INTEGER -> SimpleType.INT;
                case BOOLEAN -> SimpleType.BOOL;
                case TEXTS -> ListType.create(SimpleType.STRING);
                case TEXTS_BY_NAME -> MapType.create(SimpleType.STRING, SimpleType.STRING);
                case ANYTHING_BY_NAME -> MapType.create(SimpleType.STRING, SimpleType.DYN);
            };
        }
    }
}
