/** The worker of the page, with the halves of all panels. */
import { answerCalls } from './answer.ts'
import { handlers as bench } from './bench_worker.ts'
import { handlers as check } from './check_worker.ts'
import { handlers as look } from './look_worker.ts'
import { handlers as train } from './train_worker.ts'

answerCalls({ look, train, bench, check })
