package dev.countersign.policy.expression;

import com.google.protobuf.CodedInputStream;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelProtoAbstractSyntaxTree;
import dev.cel.common.types.SimpleType;
import dev.cel.expr.CheckedExpr;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.CelVariableResolver;
import dev.countersign.policy.match.IpAddress;
import dev.countersign.policy.match.IpBlock;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A checked expression, ready to evaluate. Immutable and safe to share between threads. */
public final class ExpressionProgram {
    /** Each level of an expression takes three of the message it travels in. */
    private static final int MAX_NESTING = 400;

    private final CelRuntime.Program program;
    private final Set<String> headers;

    private ExpressionProgram(CelRuntime.Program program, Set<String> headers) {
        this.program = program;
        this.headers = headers;
    }

    /**
     * @throws ExpressionFault if the form is not what this version's compiler makes
     */
    public static ExpressionProgram load(CheckedExpression checked) throws ExpressionFault {
        try {
            CodedInputStream in = CodedInputStream.newInstance(checked.bytes());
            in.setRecursionLimit(MAX_NESTING);
            CelAbstractSyntaxTree tree =
                    CelProtoAbstractSyntaxTree.fromCheckedExpr(CheckedExpr.parseFrom(in)).getAst();
            if (!tree.isChecked() || !tree.getResultType().equals(SimpleType.BOOL)) {
                throw new ExpressionFault("result: not a boolean (expected: a checked boolean)");
            }
            ExpressionRules.Result found = ExpressionRules.check(tree);
            if (!found.findings().isEmpty()) {
                throw new ExpressionFault("form: not one that is admitted");
            }
            return new ExpressionProgram(Holder.RUNTIME.createProgram(tree), found.headers());
        } catch (IOException | CelEvaluationException | RuntimeException e) {
            throw new ExpressionFault("form: cannot be read: " + e.getClass().getSimpleName());
        }
    }

    /** The headers it asks for, in lower case: {@code request.headers} must have no others. */
    public Set<String> headers() {
        return headers;
    }

    /**
     * Evaluates.
     *
     * @throws ExpressionFault if it has no value: something is absent, of another type, or too much
     */
    public boolean test(ExpressionVariables variables) throws ExpressionFault {
        try {
            CelVariableResolver resolver = name -> Optional.ofNullable(variables.find(name));
            return result(program.eval(resolver));
        } catch (CelEvaluationException e) {
            throw new ExpressionFault(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            throw new ExpressionFault("cannot be evaluated: " + e.getClass().getSimpleName());
        }
    }

    private static boolean result(@Nullable Object value) throws ExpressionFault {
        if (value instanceof Boolean answer) {
            return answer;
        }
        throw new ExpressionFault("result: unknown (expected: true or false)");
    }

    /** Made when the first expression comes. */
    private static final class Holder {
        static final CelRuntime RUNTIME =
                CelRuntimeFactory.plannerRuntimeBuilder()
                        .setOptions(CelSettings.OPTIONS)
                        .addFunctionBindings(
                                CelFunctionBinding.fromOverloads(
                                        ExpressionCompiler.IN_BLOCK,
                                        CelFunctionBinding.from(
                                                ExpressionCompiler.IN_BLOCK_OVERLOAD,
                                                String.class,
                                                String.class,
                                                Holder::inBlock)))
                        .build();

        private static boolean inBlock(String address, String block) {
            IpAddress parsed = IpAddress.parse(address);
            IpBlock range = IpBlock.parse(block);
            if (parsed == null || range == null) {
                throw new IllegalArgumentException("inBlock: not an address and a block");
            }
            return range.contains(parsed);
        }
    }
}
