using System.Runtime.CompilerServices;

namespace KBitQuant.Compute.Cpu.Kernels.RowLanes;

/// <summary>The sums of some input rows, all in registers. How many rows there are is a type, such as <c>Twice&lt;Thrice&lt;One&gt;&gt;</c>: the
/// compiler makes straight-line code for each.</summary>
internal static unsafe class InputRows<TSums>
    where TSums : struct, ISums<TSums>
{
    public interface IRows
    {
        /// <summary>How many.</summary>
        static abstract int Count { get; }

        /// <summary>Adds weights times an input of each row.</summary>
        /// <param name="inputs">Inputs.</param>
        /// <param name="first">Where the first row's are among them.</param>
        /// <param name="stride">Floats from row to row.</param>
        /// <param name="weights">The weights.</param>
        void Add(float* inputs, int first, int stride, TSums weights);

        /// <summary>sums += these * scale; from row to row are so many floats.</summary>
        void AddTo(float* sums, int stride, TSums scale);
    }

    public struct One : IRows
    {
        public TSums Sums;

        public static int Count => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(float* inputs, int first, int stride, TSums weights) => Sums.AddProduct(weights, inputs, first);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddTo(float* sums, int stride, TSums scale) => Sums.AddTo(sums, scale);
    }

    public struct Twice<TRows> : IRows
        where TRows : struct, IRows
    {
        public TRows First;
        public TRows Second;

        public static int Count
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => 2 * TRows.Count;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(float* inputs, int first, int stride, TSums weights)
        {
            First.Add(inputs, first, stride, weights);
            Second.Add(inputs, first + (TRows.Count * stride), stride, weights);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddTo(float* sums, int stride, TSums scale)
        {
            First.AddTo(sums, stride, scale);
            Second.AddTo(sums + (TRows.Count * stride), stride, scale);
        }
    }

    public struct Thrice<TRows> : IRows
        where TRows : struct, IRows
    {
        public Twice<TRows> First;
        public TRows Third;

        public static int Count
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => 3 * TRows.Count;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(float* inputs, int first, int stride, TSums weights)
        {
            First.Add(inputs, first, stride, weights);
            Third.Add(inputs, first + (2 * TRows.Count * stride), stride, weights);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void AddTo(float* sums, int stride, TSums scale)
        {
            First.AddTo(sums, stride, scale);
            Third.AddTo(sums + (2 * TRows.Count * stride), stride, scale);
        }
    }
}
