import { library } from '../../scripts/tsup.base.js';

export default library();
